"""The daily Cloud Function: raw chunks of a day into Hive partitions, older ones to coldline."""
