"""The coreapp image: coreapps, masters, the single instance and the schema upgrade."""
