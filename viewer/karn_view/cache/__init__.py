"""What is known of large run files, kept outside their folders from one viewer to the next.

`codec` takes apart objects of the classes in `known`; `volume` is a file of what that gives;
`shelf` is the folder of these files; `cache` decides what is believed.
"""

from karn_view.cache.cache import Cache

__all__ = ["Cache"]
