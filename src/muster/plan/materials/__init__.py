"""Materials (PL10): gifts, brochures and samples by place; what is free is never promised twice."""
