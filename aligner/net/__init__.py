"""Everything that goes out to the network: how it connects, what it may ask, what comes back.

client.py            fetches pages and parts of files, and remembers them for a run
transport.py         sends requests within a deadline
connection.py        opens a connection to an address that was judged, through a proxy or not
guard.py             refuses private addresses and other schemes than http and https
proxies.py           chooses the proxy for an address and makes a tunnel through it
trust.py             which certificate authorities are trusted
options.py           the options that all requests of a run share
cookies.py           reads cookies from a file
headers.py           headers of the user, and the hosts that get them
politeness.py        limits how many requests a host gets, and how often
robots.py            heeds robots.txt
cache.py             keeps pages, and asks whether they have changed
charset.py           decodes a page's text
decompress.py        decompresses bodies, up to a limit
partial_content.py   reads answers to requests for a part of a file
http_status.py       what an HTTP status means for the media
errors.py            explains network errors
list_root.py         tells feeds and sitemaps from other texts
outside.py           the same network options for libraries that fetch models
"""
