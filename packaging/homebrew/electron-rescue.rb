# SPDX-License-Identifier: GPL-3.0-or-later
# UNTESTED: see packaging/README.md.
class ElectronRescue < Formula
  desc "Local USB recovery tool for the Particle Electron"
  homepage "@URL@"
  url "@URL@/electron-rescue-0.2.0.tar.gz"
  sha256 "@SHA256@"
  license "GPL-3.0-or-later"

  depends_on "cli11" => :build
  depends_on "cmake" => :build
  depends_on "ninja" => :build
  depends_on "nlohmann-json" => :build
  depends_on "pkgconf" => :build
  depends_on "tl-expected" => :build
  depends_on "tomlplusplus" => :build
  depends_on "fmt"
  depends_on "curl"
  depends_on "libarchive"
  depends_on "libdeflate"
  depends_on "libmicrohttpd"
  depends_on "libpq"
  depends_on "libserialport"
  depends_on "libusb"
  depends_on "mosquitto"
  depends_on "nettle"
  depends_on "sqlite"

  def install
    system "cmake", "-S", ".", "-B", "build", "-G", "Ninja",
           "-DER_ZSH_COMPLETION_DIR=#{zsh_completion}",
           "-DER_BASH_COMPLETION_DIR=#{bash_completion}",
           "-DER_FISH_COMPLETION_DIR=#{fish_completion}",
           *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build", "--component", "Unspecified"
    system "cmake", "--install", "build", "--component", "simulator"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/electron-rescue --version")
    assert_match "usb:1-1", shell_output("#{bin}/electron-rescue list --device sim:2.3.1")
  end
end
