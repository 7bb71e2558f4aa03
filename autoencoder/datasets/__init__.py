"""Where images come from: built-in names, .npz files, folders of pictures."""
