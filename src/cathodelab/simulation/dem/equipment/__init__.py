"""What grains meet: bodies with their surfaces and motion, machines made of them, meshes from STL files."""
