"""Mutated P&IDs through the whole way a drawing goes: read, graph, bind, write, paint."""
