"""Measures as data: cards, what they mean, and engines that compute them. Every division is left to the charts."""
