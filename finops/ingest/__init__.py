"""From the invocation logs that Amazon Bedrock writes to hourly facts. Nothing here touches the database or AWS."""
