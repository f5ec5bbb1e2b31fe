#include "CJSONRows.h"
