/**
 * tfjs's WebGPU backend with programs of our own beside its kernels: buffers by rounded size, pipelines and bind groups kept,
 * commands in the one encoder that tfjs's kernels use too, so that everything happens in the order of the calls.
 */
import * as tf from "@tensorflow/tfjs";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { Buffers } from "./buffers.ts";
import type { Device } from "./device.ts";
import { GpuFused } from "./fused.ts";
import { Profile, type ProgramTime } from "./profile.ts";
import type { Program } from "./program.ts";

/** What tfjs's class keeps to itself and this one needs. */
interface Inner {
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  commandQueueOwnedIds: WeakSet<object>;
  uniformPendingDisposal: GPUBuffer[];
  bufferManager: Buffers;
}

/** Dispatches after which the commands are handed to the device. */
const SUBMIT_AFTER = 64;
/** Bind groups and parameter blocks kept; beyond, all are made anew. A net needs a few for each layer and width. */
const KEPT = 20_000;

const STORAGE = 0x80 | 0x4 | 0x8; // GPUBufferUsage.STORAGE | COPY_SRC | COPY_DST
const UNIFORM = 0x40 | 0x8; // GPUBufferUsage.UNIFORM | COPY_DST

export type Values = Float32Array | Int32Array | Uint32Array | Uint8Array;

/** The `webgpu` backend. */
export class GpuBackend extends WebGPUBackend {
  private readonly pipelines = new Map<Program, { pipeline: GPUComputePipeline; id: number }>();
  private readonly groups = new Map<string, GPUBindGroup>();
  private readonly uniforms = new Map<string, GPUBuffer>();
  private readonly ids = new WeakMap<GPUBuffer, number>();
  private nextId = 0;
  private failure?: string;
  /** Where time goes, while it is asked for. */
  private profiling?: Profile;
  readonly description: string;
  readonly adapter: GPUAdapterInfo;
  /** Operations that are one here and many kernels in tfjs. */
  readonly fused = new GpuFused(this);

  constructor({ device, info, description }: Device) {
    super(device, info);
    this.description = description;
    this.adapter = info;
    this.inner.bufferManager = new Buffers(device);
    device.addEventListener("uncapturederror", (e) => this.failure ??= (e as GPUUncapturedErrorEvent).error.message);
    device.lost.then((lost) => this.failure ??= `the device was lost: ${lost.message}`);
  }

  private get inner(): Inner {
    return this as unknown as Inner;
  }

  /** A new tensor with undefined contents. */
  output(shape: number[], dtype: tf.DataType = "float32"): tf.TensorInfo {
    const info = this.makeTensorInfo(shape, dtype);
    this.uploadToGPU(info.dataId);
    return info;
  }

  /** The buffer that holds a tensor; it may be larger. */
  buffer(t: tf.TensorInfo): GPUBuffer {
    const data = this.tensorMap.get(t.dataId);
    if (t.dtype === "float32" && data.dtype !== "float32") throw new Error(`A tensor of ${data.dtype} was not cast`);
    this.uploadToGPU(t.dataId);
    return data.resource as GPUBuffer;
  }

  /** A buffer for what a program leaves to the next one. Give it back with {@linkcode release}. */
  scratch(bytes: number): GPUBuffer {
    return this.inner.bufferManager.acquireBuffer(Math.max(4, bytes), STORAGE);
  }

  release(...buffers: GPUBuffer[]): void {
    buffers.forEach((b) => this.inner.bufferManager.releaseBuffer(b));
  }

  /** A scratch buffer with these values, filled up to whole words. */
  upload(values: Values): GPUBuffer {
    // Writing by the queue overtakes commands that are not handed over yet.
    this.flush();
    const buffer = this.scratch(values.byteLength);
    this.fill(buffer, values);
    return buffer;
  }

  /** Writes values into a buffer that no command which is still to be handed over reads. */
  fill(buffer: GPUBuffer, values: Values): void {
    const { byteLength } = values;
    const whole = byteLength % 4 === 0 ? values : new Uint8Array(Math.ceil(byteLength / 4) * 4);
    if (whole !== values) (whole as Uint8Array).set(new Uint8Array(values.buffer, values.byteOffset, byteLength));
    this.queue.writeBuffer(buffer, 0, whole as Uint8Array<ArrayBuffer>);
  }

  /** Hands over what was recorded. */
  flush(): void {
    if (!this.inner.commandEncoder) return;
    this.endComputePassEncoder();
    this.submitQueue();
  }

  /**
   * Records a run of `program` over `buffers`, in the order of its bindings, with the values of its parameters.
   * @param o `lasting`: whether the same parameters are likely to come again (they and the bind group are then kept); `macs`: the
   * multiply-adds of the run, for the bench.
   */
  run(
    program: Program,
    buffers: GPUBuffer[],
    params: number[],
    groups: [number, number?, number?],
    { lasting = true, macs = 0 }: { lasting?: boolean; macs?: number } = {},
  ): void {
    const { pipeline, id } = this.pipeline(program);
    let group: GPUBindGroup | undefined;
    if (lasting) {
      const key = `${id};${params};${buffers.map((b) => this.id(b))}`;
      group = this.groups.get(key);
      if (!group) {
        if (this.groups.size >= KEPT) this.forget();
        this.groups.set(key, group = this.group(pipeline, buffers, this.uniform(program, params)));
      }
    } else {
      const uniform = this.inner.bufferManager.acquireBuffer(4 * params.length, UNIFORM);
      this.fill(uniform, encode(program, params));
      this.inner.uniformPendingDisposal.push(uniform);
      group = this.group(pipeline, buffers, uniform);
    }
    const pass = this.pass(program.name, macs);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(groups[0], groups[1] ?? 1, groups[2] ?? 1);
    if (++this.inner.dispatchCountInPass >= SUBMIT_AFTER) this.flush();
  }

  /** Records a copy of bytes. */
  copy(from: GPUBuffer, at: number, to: GPUBuffer, toAt: number, bytes: number): void {
    super.ensureCommandEncoderReady();
    this.endComputePassEncoder();
    this.inner.commandEncoder!.copyBufferToBuffer(from, at, to, toAt, bytes);
  }

  /** Bytes of a buffer, once the device is through with what was asked before. */
  async bytes(buffer: GPUBuffer, length: number): Promise<ArrayBuffer> {
    const staging = this.device.createBuffer({
      size: Math.ceil(length / 4) * 4,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    this.copy(buffer, 0, staging, 0, staging.size);
    this.flush();
    await staging.mapAsync(GPUMapMode.READ);
    const values = staging.getMappedRange().slice(0, length);
    staging.destroy();
    this.check();
    return values;
  }

  /** @throws Error if the device refused or failed at anything so far. */
  check(): void {
    if (this.failure) throw new Error(`${this.description}: ${this.failure}`);
  }

  /** Runs `use` with the time of every program taken, the longest first. */
  async profile(use: () => Promise<void>): Promise<ProgramTime[]> {
    this.flush();
    this.profiling = new Profile(this.device);
    try {
      await use();
      this.flush();
      return await this.profiling.times();
    } finally {
      this.profiling = undefined;
    }
  }

  // tfjs's kernels ask for the encoder before each of their dispatches: a pass of their own is begun for them where time is taken.
  override ensureCommandEncoderReady(): void {
    super.ensureCommandEncoderReady();
    if (this.profiling) this.pass("kernels of tfjs");
  }

  // Buffers go back at once: commands run in their order, and uploads do not overtake them.
  override disposeData(id: object, force = false): boolean {
    this.inner.commandQueueOwnedIds.delete(id);
    return super.disposeData(id, force);
  }

  override readSync(id: object): tf.backend_util.BackendValues {
    const { values } = this.tensorMap.get(id);
    if (values) return values;
    throw new Error("Values on a graphics device cannot be waited for: use await tensor.data()");
  }

  // Nothing is kept of what was read, as the optimizer changes values in place.
  override async read(id: object): Promise<tf.backend_util.BackendValues> {
    const { values, dtype, shape, resource } = this.tensorMap.get(id);
    if (values) return values;
    const bytes = await this.bytes(resource as GPUBuffer, 4 * tf.util.sizeFromShape(shape));
    return tf.util.convertBackendValuesAndArrayBuffer(bytes, dtype);
  }

  private pass(name: string, macs = 0): GPUComputePassEncoder {
    super.ensureCommandEncoderReady();
    if (this.profiling) {
      this.endComputePassEncoder();
      const descriptor = { timestampWrites: this.profiling.next(name, macs) };
      this.inner.computePassEncoder = this.inner.commandEncoder!.beginComputePass(descriptor);
    }
    return this.inner.computePassEncoder ??= this.inner.commandEncoder!.beginComputePass();
  }

  private pipeline(program: Program): { pipeline: GPUComputePipeline; id: number } {
    let made = this.pipelines.get(program);
    if (!made) {
      const module = this.device.createShaderModule({ code: program.code, label: program.name });
      const pipeline = this.device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
      this.pipelines.set(program, made = { pipeline, id: this.pipelines.size });
    }
    return made;
  }

  private id(buffer: GPUBuffer): number {
    let id = this.ids.get(buffer);
    if (id === undefined) this.ids.set(buffer, id = this.nextId++);
    return id;
  }

  private uniform(program: Program, params: number[]): GPUBuffer | undefined {
    if (params.length === 0) return undefined;
    const key = `${program.params};${params}`;
    let buffer = this.uniforms.get(key);
    if (!buffer) {
      buffer = this.device.createBuffer({ size: 4 * params.length, usage: UNIFORM });
      this.fill(buffer, encode(program, params));
      this.uniforms.set(key, buffer);
    }
    return buffer;
  }

  private group(pipeline: GPUComputePipeline, buffers: GPUBuffer[], uniform?: GPUBuffer): GPUBindGroup {
    const all = uniform ? [...buffers, uniform] : buffers;
    return this.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: all.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
  }

  private forget(): void {
    this.groups.clear();
    this.uniforms.clear();
  }
}

function encode(program: Program, params: number[]): Uint8Array {
  if (params.length !== program.params.length) {
    throw new Error(`${program.name} takes ${program.params.length} parameters, not ${params.length}`);
  }
  const view = new DataView(new ArrayBuffer(4 * params.length));
  params.forEach((v, i) => {
    if (program.params[i] === "f32") view.setFloat32(4 * i, v, true);
    else if (program.params[i] === "i32") view.setInt32(4 * i, v, true);
    else view.setUint32(4 * i, v, true);
  });
  return new Uint8Array(view.buffer);
}
