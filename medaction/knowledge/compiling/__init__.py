"""From input files to one compiled graph: ``inputs`` reads, ``concepts``, ``hierarchy``, ``names`` and ``edges`` lay
out arrays, ``assemble`` puts them into a store. Any problem stops the build before a file is written."""
