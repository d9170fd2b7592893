"""Network access: the only HTTP client besides yt-dlp, and what all requests share.

client.py           fetches pages, sitemaps, feeds and parts of media
transport.py        sends requests over guarded connections, within one deadline
connection.py       opens connections to public addresses, directly or through a proxy
guard.py            refuses private addresses
budget.py           budgets of requests, bytes and time that all clients spend
rate_limit.py       limits requests per host
robots.py           reads robots.txt
proxies.py          chooses the proxy for an address, and opens tunnels through it
trust.py            chooses the trusted certificate authorities
cookies.py          reads a file of cookies
referrer.py         the Referer header of requests for a page's recordings
headers.py          the user's headers, and the hosts that get them
cache.py            keeps pages that a server may confirm as unchanged
decompress.py       decompresses bodies, within limits
charset.py          decodes pages
partial_content.py  reads answers to requests for byte ranges
page_response.py    makes pages of responses
list_root.py        tells feeds and sitemaps from other texts
errors.py, http_status.py   what errors and statuses mean, for people
options.py          the options that all requests of a run share
third_party.py      the same options for other libraries' clients
"""
