"""How well recognition works on a folder of pictures, tested and reported as ISO/IEC 19795-1 asks."""
