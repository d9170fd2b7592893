"""How this program goes out to the network: through which proxy, trusting whom, as whom.

options.py      the options that all requests of a run share
proxies.py      which proxy is asked for an address, and a tunnel through it
connecting.py   an open connection to an address that was judged, through a proxy or not
trust.py        which certificate authorities are trusted
cookies.py      a file of cookies -> cookies
headers.py      headers of the user, and the hosts that get them
"""
