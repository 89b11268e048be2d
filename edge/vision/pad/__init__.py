"""Presentation attack detection (ISO/IEC 30107): is this a person, or a picture of one?"""
