// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace electron_sim {

enum class Plug { attached, detached };

// What has to be told about each board's connection to a host. A board may leave and come back
// between two looks (it restarts faster than a busy computer looks): that is told as both.
class PlugWatch {
 public:
  // `attach` numbers the connection of board `number`; 0: there is none.
  std::vector<Plug> changes(std::size_t number, std::uint32_t attach) {
    if (told_.size() <= number) told_.resize(number + 1, 0);
    std::vector<Plug> news;
    if (told_[number] == attach) return news;
    if (told_[number] != 0) news.push_back(Plug::detached);
    if (attach != 0) news.push_back(Plug::attached);
    told_[number] = attach;
    return news;
  }

 private:
  std::vector<std::uint32_t> told_;  // by board
};

}  // namespace electron_sim
