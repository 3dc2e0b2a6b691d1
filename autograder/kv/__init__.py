"""The versioned key/value store as a real service over gRPC: its server, its clients, lost messages."""
