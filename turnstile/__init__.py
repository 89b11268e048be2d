"""The gate process: camera to turnstile."""
