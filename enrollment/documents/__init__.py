"""The papers that a school needs, made from what it has configured and from the policies that bind it."""
