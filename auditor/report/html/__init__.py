"""The report as one HTML page: `page` fills the templates, every other module prepares one part of it."""
