"""Accepted rows: immutable Parquet files and the rules that say which of them are current."""
