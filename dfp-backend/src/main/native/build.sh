#!/usr/bin/env bash
# Compiles dfp/**/*.cpp into OUT_DIR/libdfp.a.
#
#   build.sh [--quiet] OUT_DIR
#
# A file states the instruction sets it needs in a comment line near its top, for example
#   // flags: -mavx512f -mavx512bw -mavx512vl -mavx512vnni
# and every other file is compiled for plain x86-64. Adding a kernel needs no change here.
#
# Only what changed is compiled: a source, a header it includes, or its command line.
#
# Environment:
#   CXX                  the compiler, a name or a path without arguments; default g++
#   CXXFLAGS             appended to every command, after the flags below
#   DFP_NATIVE_REQUIRED  1: where the library cannot be built, fail instead of warning
#
# Where there is no library to build (another platform, no compiler), the script says why in one
# line (not with --quiet), leaves that line in OUT_DIR/unavailable.txt and succeeds: the Java kernels
# then do the work.
set -euo pipefail
export LC_ALL=C

quiet=0
if [[ ${1:-} == --quiet ]]; then
  quiet=1
  shift
fi
if [[ $# -ne 1 ]]; then
  echo "usage: build.sh [--quiet] OUT_DIR" >&2
  exit 2
fi
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
cxx=${CXX:-g++}

unavailable() {
  local line="dfp4j is built without native kernels: $1. Training gives the same bits with the Java kernels, many times slower."
  rm -f "$out/libdfp.a"
  echo "$line" > "$out/unavailable.txt"
  if [[ ${DFP_NATIVE_REQUIRED:-0} == 1 ]]; then
    echo "DFP_NATIVE_REQUIRED: expected native kernels, got none: $1" >&2
    exit 1
  fi
  [[ $quiet == 1 ]] || echo "$line" >&2
  exit 0
}

platform=$(uname -s)-$(uname -m)
if [[ $platform != Linux-x86_64 ]]; then
  unavailable "they exist for Linux-x86_64 only, this is $platform"
fi
if ! command -v "$cxx" > /dev/null; then
  unavailable "the C++ compiler '$cxx' is not installed; install g++ 11 or newer (Debian, Ubuntu: apt-get install g++; or set CXX) and build again"
fi

# Everything that the sources rely on: C++17, OpenMP, the newest intrinsics.
probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
cat > "$probe/probe.cpp" << 'CPP'
#include <immintrin.h>
#include <omp.h>
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 11
#error "too old"
#endif
static_assert(__cplusplus >= 201703L);
int main() {
  _tile_zero(0);
  _tile_dpbuud(0, 1, 2);
  return omp_get_max_threads() > 0 ? 0 : 1;
}
CPP
if ! "$cxx" -std=c++17 -fopenmp -mamx-tile -mamx-int8 -o "$probe/probe" "$probe/probe.cpp" \
    2> "$probe/log"; then
  unavailable "'$cxx' ($("$cxx" -dumpfullversion -dumpversion 2> /dev/null || echo unknown version)) cannot compile C++17 with OpenMP and AMX intrinsics; install g++ 11 or newer, or clang++ 12 or newer with libomp (or set CXX) and build again"
fi

# Nothing here may change a bit of a result: no -ffast-math, and -ffp-contract=off because a
# compiler that fuses a·b+c rounds once where the specification rounds twice.
flags=(
  -std=c++17 -O3 -m64 -march=x86-64 -fPIC -fopenmp
  -ffp-contract=off -fno-math-errno -fno-trapping-math
  -fvisibility=hidden -fvisibility-inlines-hidden
  -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Werror
  # g++ 12 warns about the undefined lanes in its own AVX-512 headers (GCC bug 105593).
  -Wno-uninitialized -Wno-maybe-uninitialized
)
read -r -a extra <<< "${CXXFLAGS:-}"

mapfile -t sources < <(cd "$source_dir" && find dfp -name '*.cpp' | sort)
if [[ ${#sources[@]} -eq 0 ]]; then
  unavailable "there are no sources in dfp/"
fi

isa_flags() { # the words after "// flags:" in one of the first 40 lines
  sed -n '1,40s|^// flags:||p' "$source_dir/$1" | head -n 1 | xargs
}

# True where the object is missing or older than anything that it was made from.
stale() { # object, command
  local object=$1 command=$2 input
  [[ -f $object && -f ${object%.o}.d && -f ${object%.o}.cmd ]] || return 0
  [[ $(< "${object%.o}.cmd") == "$command" ]] || return 0
  while read -r input; do
    [[ -f $input && ! $input -nt $object ]] || return 0
  done < <(sed -e 's|^[^:]*:||' -e 's|\\$||' "${object%.o}.d" | xargs printf '%s\n')
  return 1
}

objects=()
work=()
for file in "${sources[@]}"; do
  object=$out/obj/${file%.cpp}.o
  objects+=("$object")
  command="$(printf %q "$cxx") ${flags[*]} $(isa_flags "$file") ${extra[*]:-} -MMD"
  command+=$(printf ' -I%q -c %q -o %q' "$source_dir" "$source_dir/$file" "$object")
  if stale "$object" "$command"; then
    mkdir -p "$(dirname "$object")"
    rm -f "$object"
    printf '%s\n' "$command" > "${object%.o}.cmd"
    work+=("$command")
  fi
done

if [[ ${#work[@]} -gt 0 ]]; then
  echo "compiling ${#work[@]} of ${#sources[@]} files with $("$cxx" --version | head -n 1)"
  jobs=${DFP_BUILD_JOBS:-$(nproc)}
  printf '%s\0' "${work[@]}" | xargs -0 -P "$jobs" -n 1 bash -c 'eval "$1" || exit 255' compile
elif [[ -f $out/libdfp.a ]]; then
  newest=$(ls -t "${objects[@]}" "$out/libdfp.a" | head -n 1)
  members=$(ar t "$out/libdfp.a" | wc -l)
  if [[ $newest == "$out/libdfp.a" && $members -eq ${#objects[@]} ]]; then
    rm -f "$out/unavailable.txt"
    exit 0
  fi
fi

# An inline function or template that two files compile for different instruction sets: the linker
# keeps one copy for both, perhaps the one that this CPU cannot run.
clashes=$(
  for file in "${sources[@]}"; do
    object=$out/obj/${file%.cpp}.o
    nm -P --defined-only "$object" \
      | awk -v isa="$(isa_flags "$file")" -v file="$file" '$2 == "W" {print $1 "\t" isa "\t" file}'
  done | sort | awk -F '\t' '
    $1 == symbol && $2 != isa {print $1 " in " first " and " $3}
    $1 != symbol {symbol = $1; isa = $2; first = $3}'
)
if [[ -n $clashes ]]; then
  echo "compiled for two instruction sets, make it static or give it a namespace of its own:" >&2
  c++filt <<< "$clashes" >&2
  exit 1
fi

rm -f "$out/libdfp.a" "$out/unavailable.txt"
ar rcs "$out/libdfp.a" "${objects[@]}"
