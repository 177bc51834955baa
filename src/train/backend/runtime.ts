/**
 * Where the Rust kernels run: as WASM, or as a native library of the same source that `deno task native` builds for training
 * on a machine with Rust (wider vectors, three to five times the speed). Reading never uses the library.
 */
import { fromFileUrl } from "@std/path/from-file-url";
import { wasmFile } from "../../engine/simd.ts";
import * as wasm from "../../wasm/train/train.js";

/** The kernels' parameters: p address or length, u 32-bit integer, f 32-bit float, b boolean; then the result. See crates/wasm/src/kernels.rs. */
const SIGNATURES = {
  allocate: "p p",
  release: "pp v",
  conv2d_forward: "pppppb v",
  conv2d_backprop_input: "pppp v",
  conv2d_backprop_filter: "pppp v",
  depthwise: "upppp v",
  max_pool: "ppp v",
  max_pool_grad: "ppppp v",
  batch_matmul: "pppppppbbbb v",
  unary: "uppp b",
  binary: "uppppp b",
  row_sums: "pppp v",
  column_sums: "pppp v",
  dropout: "pppfu v",
  batch_norm: "ppppppppfb v",
  fused_batch_norm: "ppppppppf v",
  batch_norm_grad: "pppppppppppfb v",
  relu_grad: "pppp v",
  cross_entropy: "ppppp f",
  ctc: "pppppppppppp v",
  frame_cross_entropy: "pppppppf f",
  map_add: "ppppb v",
  map_concat: "pppppp v",
  map_split: "pppppp v",
  upsample: "pppppp v",
  upsample_grad: "pppppp v",
  context_pool: "ppppp v",
  context_pool_grad: "ppppppp v",
  gate: "pppppp v",
  gate_grad: "pppppppp v",
  layer_norm: "pppppp v",
  layer_norm_grad: "pppppppp v",
  window_attention: "pppppppp v",
  window_attention_grad: "ppppppppp v",
  page_loss: "pppppp f",
  nesterov: "ppppfff v",
  adam: "pppppfffffu v",
} as const;

type Parameters<S extends string> = S extends `${infer First}${infer Rest}`
  ? [First extends "b" ? boolean : number, ...Parameters<Rest>]
  : [];
type Kernel<S extends string> = S extends `${infer P} ${infer R}`
  ? (...parameters: Parameters<P>) => R extends "v" ? void : R extends "b" ? boolean : number
  : never;

export type Kernels = { [Name in keyof typeof SIGNATURES]: Kernel<(typeof SIGNATURES)[Name]> };
type Values = Uint8Array | Uint32Array | Float32Array;

/** Kernels and the memory that they work in. */
export interface Runtime {
  readonly kernels: Kernels;
  /** Values at an address; the view is good until they are released. */
  view(address: number, length: number): Float32Array;
  /** Puts arrays where kernels can read them, until the next call. Returns their addresses. */
  put(...arrays: Values[]): number[];
}

/**
 * Values reserved for tensors in each thread, twice 1.5 GiB where there is so much, as WASM gives no more than 2 GiB at once: the seed's net at
 * batch 128 needs 0.4, the line net at 24 long lines more than 1.5. Memory that is not touched costs nothing.
 */
const RESERVE = 384 << 20;

abstract class Memory implements Runtime {
  private room = { address: 0, values: 0 };
  abstract readonly kernels: Kernels;
  abstract view(address: number, length: number): Float32Array;

  put(...arrays: Values[]): number[] {
    // Each starts at a multiple of 16 bytes.
    const sizes = arrays.map((a) => Math.ceil(a.byteLength / 16) * 4);
    const wanted = sizes.reduce((a, b) => a + b, 0);
    if (wanted > this.room.values) {
      if (this.room.values > 0) this.kernels.release(this.room.address, this.room.values);
      this.room = { address: this.kernels.allocate(wanted), values: wanted };
    }
    const all = this.view(this.room.address, this.room.values);
    let at = 0;
    return arrays.map((a, i) => {
      new Uint8Array(all.buffer, all.byteOffset + 4 * at, a.byteLength)
        .set(new Uint8Array(a.buffer, a.byteOffset, a.byteLength));
      at += sizes[i];
      return this.room.address + 4 * (at - sizes[i]);
    });
  }
}

class Wasm extends Memory {
  readonly kernels: Kernels;
  private readonly buffer: ArrayBuffer;

  constructor(private memory: WebAssembly.Memory) {
    super();
    // The allocator keeps what was once given to it, so asking for it all and giving it back makes later requests stay within.
    const reserves = [wasm.allocate(RESERVE), wasm.allocate(RESERVE)].filter((address) => address !== 0);
    if (reserves.length === 0) {
      throw new RangeError("Training could not reserve 1.5 GiB of WASM memory: close other programs");
    }
    reserves.forEach((address) => wasm.release(address, RESERVE));
    this.buffer = memory.buffer;
    this.kernels = { ...(wasm as unknown as Kernels), allocate: (values) => this.allocate(values) };
  }

  private allocate(values: number): number {
    const address = wasm.allocate(values);
    // Growing would cut off every view that tensors hold, so a full reserve is an error as well.
    if (address === 0 || this.memory.buffer !== this.buffer) {
      throw new RangeError(
        `Training ran out of its ${this.buffer.byteLength / 2 ** 20} MiB of WASM memory while asking for ` +
          `${values} values: use a smaller --batch`,
      );
    }
    return address;
  }

  view(address: number, length: number): Float32Array {
    return new Float32Array(this.buffer, address, length);
  }
}

/** Where `deno task native` puts the library. */
export const NATIVE_FOLDER = new URL("../../../target/native/release/", import.meta.url);
const LIBRARY = { windows: "wasm.dll", darwin: "libwasm.dylib" }[Deno.build.os as string] ?? "libwasm.so";

class Native extends Memory {
  readonly kernels: Kernels;

  constructor() {
    super();
    const type = { p: "usize", u: "u32", f: "f32", b: "bool", v: "void" } as Record<string, Deno.NativeResultType>;
    const symbols = Object.fromEntries(
      Object.entries(SIGNATURES).map(([name, s]) => {
        const [parameters, result] = s.split(" ");
        return [name, {
          parameters: [...parameters].map((c) => type[c] as Deno.NativeType),
          result: type[result],
        }];
      }),
    );
    const path = fromFileUrl(new URL(LIBRARY, NATIVE_FOLDER));
    let library;
    try {
      library = Deno.dlopen(path, symbols);
    } catch (e) {
      throw new Error(
        `The native kernels cannot be loaded from ${path}: ${(e as Error).message}. Run deno task native`,
      );
    }
    const native = library.symbols as unknown as Kernels;
    this.kernels = {
      ...native,
      allocate(values) {
        const address = Number(native.allocate(values));
        if (address === 0) throw new RangeError(`Training ran out of memory while asking for ${values} values`);
        return address;
      },
    };
  }

  view(address: number, length: number): Float32Array {
    const pointer = Deno.UnsafePointer.create(BigInt(address))!;
    return new Float32Array(Deno.UnsafePointerView.getArrayBuffer(pointer, 4 * length));
  }
}

const loaded: { wasm?: Promise<WebAssembly.Memory>; rust?: Runtime; native?: Runtime } = {};

/** The module of samples and kernels, loaded once a thread. Samples are made in WASM whatever the kernels run on. */
export function loadSamples(): Promise<WebAssembly.Memory> {
  return loaded.wasm ??= Deno.readFile(wasmFile("train"))
    .then((bytes) => wasm.default({ module_or_path: bytes }))
    .then(({ memory }) => memory);
}

/** The kernels of this thread, loaded once. */
export async function loadRuntime(kind: "rust" | "native" = "rust"): Promise<Runtime> {
  const memory = await loadSamples();
  return kind === "native" ? loaded.native ??= new Native() : loaded.rust ??= new Wasm(memory);
}
