"""pikepdf under the house's limits: what reads or makes a PDF takes it from here."""

import pikepdf

from bot.papers.paper import MIB

__all__ = ["pikepdf"]

# Process-wide, set once before any thread opens a PDF: what qpdf unpacks by itself (lists of objects) is bounded.
pikepdf.settings.set_qpdf_limits(
    doc_max_warnings=1000,
    parser_max_nesting=100,
    parser_max_container_size=1_000_000,
    max_stream_filters=4,
    flate_max_memory=64 * MIB,
    png_max_memory=64 * MIB,
    run_length_max_memory=64 * MIB,
    tiff_max_memory=64 * MIB,
)
