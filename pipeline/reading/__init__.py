"""What stands on a page: marks, boxed characters and writing, measured; and the pages of a copy joined."""
