"""What may be published of what people said: counts with small numbers hidden, comments without personal details."""
