"""Made from resources.py, which its tests are about; test_sync_control holds that. Here each part is used once."""
