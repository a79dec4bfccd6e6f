"""The dataset as data portals have it: DCAT-AP of a release, its parts and files. No Flask."""
