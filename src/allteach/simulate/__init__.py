"""Networks with known truth. Everything here is invented: no person, site or number is real."""
