/**
 * A tfjs backend whose tensors live in the memory of the Rust kernels.
 *
 * It extends tfjs's own CPU backend: a kernel without a Rust version falls back to the CPU one, which reads the same
 * values through a typed-array view. Tensors that come from JavaScript are copied over when a Rust kernel first needs them.
 */
import * as tf from "@tensorflow/tfjs";
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { Runtime } from "./runtime.ts";

interface Entry {
  values: tf.backend_util.BackendValues;
  dtype: tf.DataType;
  refCount: number;
  /**
   * Where the values are in the kernels' memory, and how many: once memory has grown a view of them is empty. Absent while they are a plain
   * JavaScript array.
   */
  room?: { address: number; length: number };
}

type DataId = tf.DataId;

/** The `rust` backend. One instance a thread. */
export class RustBackend extends MathBackendCPU {
  constructor(readonly runtime: Runtime) {
    super();
  }

  private entry(id: DataId): Entry {
    return this.data.get(id) as unknown as Entry;
  }

  /** A new float32 tensor with undefined contents. */
  output(shape: number[]): tf.TensorInfo {
    const length = tf.util.sizeFromShape(shape);
    const address = this.runtime.kernels.allocate(length);
    const dataId = {};
    const room = { address, length };
    const entry: Entry = { values: this.runtime.view(address, length), dtype: "float32", refCount: 1, room };
    this.data.set(dataId, entry as never);
    return { dataId, shape, dtype: "float32" };
  }

  /** The tensor's address in the kernels' memory. Integers and booleans become floats. */
  address(info: tf.TensorInfo): number {
    const entry = this.entry(info.dataId);
    if (entry.room === undefined) {
      const length = tf.util.sizeFromShape(info.shape);
      entry.room = { address: this.runtime.kernels.allocate(length), length };
      const view = this.runtime.view(entry.room.address, length);
      view.set(entry.values as Float32Array);
      // Other kernels still expect integers in an integer tensor: those keep their array beside the copy.
      if (entry.dtype === "float32") entry.values = view;
    }
    return entry.room.address;
  }

  override readSync(id: DataId): tf.backend_util.BackendValues {
    const entry = this.entry(id);
    // A copy: the view's memory is used again once the tensor is disposed.
    return entry.room === undefined || entry.dtype !== "float32"
      ? super.readSync(id as object)
      : (entry.values as Float32Array).slice();
  }

  override read(id: DataId): Promise<tf.backend_util.BackendValues> {
    return Promise.resolve(this.readSync(id));
  }

  override disposeData(id: DataId, force = false): boolean {
    if (!this.data.has(id)) return true;
    const { room } = this.entry(id);
    const gone = super.disposeData(id as object, force);
    if (gone && room) this.runtime.kernels.release(room.address, room.length);
    return gone;
  }
}
