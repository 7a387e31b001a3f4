"""The register of machines: models, passports, components, parties, documents."""
