"""Questions over time: what usually comes, and what stands out from it."""
