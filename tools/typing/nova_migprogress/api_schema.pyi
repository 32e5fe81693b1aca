from api_schema import *
