"""The leaf: values, errors and small pure rules that every folder may import, and that import none of them."""
