"""Arbin: text exports, workbooks, Access databases and HDF5 files."""
