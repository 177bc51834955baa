/** Finds a graphics device, and says what was looked for where there is none. */

export interface Device {
  device: GPUDevice;
  info: GPUAdapterInfo;
  /** Adapter and driver, for people. */
  description: string;
}

const WAY_ON = "train with --backend native (after deno task native) or --backend rust instead";

/**
 * The adapter with the most power and a device with all of its limits.
 * @throws Error that says what is missing and how training goes on without it.
 */
export async function openDevice(): Promise<Device> {
  if (!("gpu" in navigator) || !navigator.gpu) {
    throw new Error(`This Deno shows no WebGPU: run it with --unstable-webgpu, as the task train does, or ${WAY_ON}`);
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) {
    const looked = { linux: "Vulkan (libvulkan.so.1 and a driver)", darwin: "Metal", windows: "Direct3D 12 or Vulkan" };
    throw new Error(
      `No graphics adapter was found: looked for ${
        looked[Deno.build.os as "linux"] ?? "Vulkan"
      }. Install the card's driver (Mesa's software driver is mesa-vulkan-drivers and libvulkan1 in Debian; it may need XDG_RUNTIME_DIR set), or ${WAY_ON}`,
    );
  }
  const l = adapter.limits;
  const device = await adapter.requestDevice({
    requiredFeatures: adapter.features.has("timestamp-query") ? ["timestamp-query"] : [],
    requiredLimits: {
      maxBufferSize: Math.min(l.maxBufferSize, 2 ** 31 - 4),
      maxStorageBufferBindingSize: Math.min(l.maxStorageBufferBindingSize, 2 ** 31 - 4),
      maxComputeWorkgroupStorageSize: l.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: l.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: l.maxComputeWorkgroupSizeX,
      maxStorageBuffersPerShaderStage: l.maxStorageBuffersPerShaderStage,
    },
  });
  const info = adapter.info;
  const parts = [info.description, info.vendor, info.architecture, info.device].filter(Boolean);
  return { device, info, description: [...new Set(parts)].join(", ") || "an adapter without a name" };
}
