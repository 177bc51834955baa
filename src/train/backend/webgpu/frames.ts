/** The kernels of `../frames.ts`: what works on the frames of lines. */
import type { FRAME_KERNELS } from "../frames.ts";
import { attention, attentionGrad, type Heads } from "./attention.ts";
import type { GpuKernel } from "./kernels.ts";
import { layerNorm, layerNormGrad } from "./layernorm.ts";

export const GPU_FRAME_KERNELS: Record<typeof FRAME_KERNELS[number], GpuKernel> = {
  LayerNorm: ({ x, scale, shift }, _, b) => layerNorm(b, x, scale, shift),
  LayerNormGrad: ({ x, scale, dy }, _, b) => layerNormGrad(b, x, scale, dy),
  WindowAttention: ({ qkv, lengths }, a, b) => attention(b, qkv, lengths, a as unknown as Heads),
  WindowAttentionGrad: ({ qkv, lengths, dy }, a, b) => attentionGrad(b, qkv, lengths, dy, a as unknown as Heads),
};
