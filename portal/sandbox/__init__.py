"""An AWS account on this machine: moto's server with what Amazon Bedrock needs added to it.

It is reached over HTTP by an unmodified boto3 (``AWS_ENDPOINT_URL``), imports no app of Atrium and knows nothing of
Django. Everything it answers carries the header ``x-atrium-sandbox: not-aws``. Real AWS was never asked: the behaviour
follows AWS's documentation and the service models of botocore, named beside each part.
"""
