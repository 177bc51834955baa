#!/usr/bin/env bash
# Checks, measures and trains on this machine's graphics card, without a network:
#
#   run.sh [check] [bench] [train OPTION...]
#
# Results go to $OUT, else to ./out: a log a stage, bench.json, and of a training its last checkpoint (in parts of at most 15 MB), model
# and history. A folder `run` beside this script with a checkpoint in it is gone on with. TRAIN_SECONDS ends a training in time.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=${WORK:-/tmp/scrawl-away}
out=${OUT:-$PWD/out}
mkdir -p "$work" "$out"

fail() {
  printf '\nFAILED: %s\n' "$*" >&2
  exit 1
}

# The trainer is unpacked anew, so that it is always the one beside this script.
trainer=$work/trainer
rm -rf "$trainer" && mkdir -p "$trainer"
if command -v xz >/dev/null; then tar -xJf "$here/trainer.tar.xz" -C "$trainer"
elif command -v python3 >/dev/null; then python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$here/trainer.tar.xz" "$trainer"
else fail "trainer.tar.xz cannot be unpacked: neither xz nor python3 is here"; fi || fail "trainer.tar.xz cannot be unpacked into $work (full?)"

deno=$(command -v deno || true)
if [ -z "$deno" ]; then
  deno=$work/deno
  if [ ! -x "$deno" ]; then
    if command -v xz >/dev/null; then xz -dc "$here/deno.xz" >"$deno.part"
    elif command -v python3 >/dev/null; then
      python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), open(sys.argv[2], "wb"))' "$here/deno.xz" "$deno.part"
    else fail "deno.xz cannot be unpacked: neither xz nor python3 is here"; fi || fail "deno.xz cannot be unpacked into $work (full?)"
    chmod +x "$deno.part" && mv "$deno.part" "$deno"
  fi
fi
"$deno" --version >"$out/machine.txt" || fail "Deno does not start on $(uname -sm)"
export DENO_DIR=$work/cache DENO_NO_UPDATE_CHECK=1 XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/tmp}

# Vulkan needs its loader and the driver's manifest. Containers often have the driver under /usr/local/nvidia.
ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1' || export LD_LIBRARY_PATH=$trainer/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
usual=$(ls /usr/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json 2>/dev/null)
if [ -z "${VK_DRIVER_FILES:-}" ] && ! grep -q nvidia <<<"$usual"; then
  other=$(ls /usr/local/nvidia/share/vulkan/icd.d/*.json 2>/dev/null | paste -sd:)
  [ -n "$other" ] && export VK_DRIVER_FILES=$other
fi
{
  uname -a
  nproc
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv 2>&1
  echo "manifests: ${VK_DRIVER_FILES:-$usual}"
  ldconfig -p 2>/dev/null | grep -E 'libvulkan|libGLX_nvidia|libnvidia-glvkspirv' || echo "no libvulkan or NVIDIA Vulkan libraries are registered"
} >>"$out/machine.txt" 2>&1
cat "$out/machine.txt"

run=("$deno" run --quiet --no-prompt --no-lock --config "$trainer/deno.json" --unstable-webgpu --allow-read --allow-write --allow-env --allow-sys "$trainer/src/train/main.js")

"$deno" eval --unstable-webgpu 'const a = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
if (!a) Deno.exit(1); console.log("adapter:", a.info.description || a.info.device, "of vendor", a.info.vendor);' ||
  fail "Vulkan finds no adapter. See machine.txt: the driver's manifest must be named (VK_DRIVER_FILES) and its libraries registered (ldconfig)"

check() {
  echo "== check: the programs against the Rust kernels, ten steps, a checkpoint"
  NO_COLOR=1 timeout "${CHECK_SECONDS:-240}" "$deno" test --quiet --no-lock --no-check --unstable-webgpu -A --config "$trainer/deno.json" "$trainer/src/tests/" >"$out/check.log" 2>&1
  local code=$?
  grep -E '^(ok|FAILED) \|' "$out/check.log"
  grep -q 'are skipped' "$out/check.log" && fail "the tests were skipped: $(grep -m1 'are skipped' "$out/check.log")"
  [ $code -eq 124 ] && fail "the tests took more than ${CHECK_SECONDS:-240} s; the last was: $(tail -1 "$out/check.log")"
  [ $code -eq 0 ] || { sed -n '/ ERRORS /,$p' "$out/check.log" | head -60; fail "tests fail; all of it is in check.log"; }
}

bench() {
  echo "== bench"
  timeout "${BENCH_SECONDS:-180}" "${run[@]}" bench gpu >"$out/bench.json" 2>"$out/bench.log"
  local code=$?
  [ $code -eq 0 ] || { tail -20 "$out/bench.log"; fail "the bench ended with $code (124 is its time, see BENCH_SECONDS)"; }
  cat "$out/bench.json"
}

train() {
  echo "== train $*"
  local folder=$work/run
  if [ -e "$here/run/checkpoint.safetensors" ] && [ ! -e "$folder/checkpoint.safetensors" ]; then cp -r "$here/run" "$work/"; fi
  local more=()
  [ -e "$folder/checkpoint.safetensors" ] && more=(--resume)
  timeout -k 20 "${TRAIN_SECONDS:-100000}" "${run[@]}" train "$@" --backend webgpu --run "$folder" -v "${more[@]}" >"$out/train.log" 2>&1
  local code=$?
  tail -12 "$out/train.log"
  cp "$folder"/checkpoint*.safetensors "$folder/model.safetensors" "$folder/history.jsonl" "$folder/config.json" "$out/" ||
    fail "the training left no checkpoint; see train.log"
  [ $code -eq 0 ] || [ $code -eq 124 ] || fail "the training ended with $code; its last checkpoint is kept"
}

[ $# -gt 0 ] || set -- check bench
while [ $# -gt 0 ]; do
  case $1 in
  check | bench) "$1"; shift ;;
  train) shift; train "$@"; exit ;;
  *) fail "there is no stage $1: check, bench, train" ;;
  esac
done
