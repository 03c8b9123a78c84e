"""Kernels in Warp's language: the same source runs on CPU cores and on CUDA. Loaded only with the extra ``dem``."""
