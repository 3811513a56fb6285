// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plain.h"

#include <nlohmann/json.hpp>
