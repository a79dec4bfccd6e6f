"""What the workbench, the page's script, is told by the server: words, and what is wrong."""
