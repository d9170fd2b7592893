"""Computes Whisper's encoder in 8 bits with onnxruntime.

encoder.py       runs the encoder; the only file that imports onnxruntime
export.py        builds the graph of an encoder from its weights
int8.py          quantises weights to 8 bits, with a scale for each row
file_format.py   writes a graph as an ONNX file, without the package onnx
"""
