//! Lanes of `f32`, one type for WASM SIMD, for native SIMD (training on a workstation), and for native tests.
//!
//! On wasm32 with relaxed SIMD `fma` is one fused instruction; on plain simd128 it is a multiply and an add. Natively the width
//! is what the compiler was told the processor has: sixteen lanes with AVX-512, eight with AVX2, else an array of four.

#[cfg(target_arch = "wasm32")]
mod lanes {
    use core::arch::wasm32::*;

    pub const LANES: usize = 4;

    #[derive(Clone, Copy)]
    pub struct Lanes(v128);

    impl Lanes {
        #[inline(always)]
        pub fn splat(x: f32) -> Self {
            Self(f32x4_splat(x))
        }
        /// # Safety
        /// `p` is valid for reading `LANES` values; any alignment.
        #[inline(always)]
        pub unsafe fn load(p: *const f32) -> Self {
            Self(v128_load(p as *const v128))
        }
        /// # Safety
        /// `p` is valid for reading one value.
        #[inline(always)]
        pub unsafe fn load_splat(p: *const f32) -> Self {
            Self(v128_load32_splat(p as *const u32))
        }
        /// Four values one after another, each in all lanes.
        ///
        /// # Safety
        /// `p` is valid for reading four values; any alignment.
        #[inline(always)]
        pub unsafe fn load_splats(p: *const f32) -> [Self; 4] {
            let v = v128_load(p as *const v128);
            [
                Self(i32x4_shuffle::<0, 0, 0, 0>(v, v)),
                Self(i32x4_shuffle::<1, 1, 1, 1>(v, v)),
                Self(i32x4_shuffle::<2, 2, 2, 2>(v, v)),
                Self(i32x4_shuffle::<3, 3, 3, 3>(v, v)),
            ]
        }
        /// # Safety
        /// `p` is valid for writing `LANES` values; any alignment.
        #[inline(always)]
        pub unsafe fn store(self, p: *mut f32) {
            v128_store(p as *mut v128, self.0)
        }
        /// Stores the first `n` lanes, at most all.
        ///
        /// # Safety
        /// `p` is valid for writing `n` values; any alignment.
        #[inline(always)]
        pub unsafe fn store_part(self, p: *mut f32, n: usize) {
            let mut all = [0.0; LANES];
            self.store(all.as_mut_ptr());
            core::ptr::copy_nonoverlapping(all.as_ptr(), p, n.min(LANES));
        }
        /// `self + a * b`.
        #[inline(always)]
        pub fn fma(self, a: Self, b: Self) -> Self {
            #[cfg(target_feature = "relaxed-simd")]
            return Self(f32x4_relaxed_madd(a.0, b.0, self.0));
            #[cfg(not(target_feature = "relaxed-simd"))]
            return Self(f32x4_add(self.0, f32x4_mul(a.0, b.0)));
        }
        #[inline(always)]
        pub fn add(self, o: Self) -> Self {
            Self(f32x4_add(self.0, o.0))
        }
        #[inline(always)]
        pub fn sub(self, o: Self) -> Self {
            Self(f32x4_sub(self.0, o.0))
        }
        #[inline(always)]
        pub fn max(self, o: Self) -> Self {
            Self(f32x4_pmax(self.0, o.0))
        }
    }
}

/// The operations above on one of x86-64's vector types.
#[cfg(all(target_arch = "x86_64", any(target_feature = "avx512f", all(target_feature = "avx2", target_feature = "fma"))))]
macro_rules! x86_lanes {
    ($lanes:literal, $vector:ty, $set1:ident, $loadu:ident, $storeu:ident, $fmadd:ident, $add:ident, $sub:ident, $max:ident) => {
        use core::arch::x86_64::*;

        pub const LANES: usize = $lanes;

        #[derive(Clone, Copy)]
        pub struct Lanes($vector);

        // SAFETY of all: the module is compiled only where the instructions are known to be there.
        impl Lanes {
            #[inline(always)]
            pub fn splat(x: f32) -> Self {
                Self(unsafe { $set1(x) })
            }
            /// # Safety
            /// `p` is valid for reading `LANES` values; any alignment.
            #[inline(always)]
            pub unsafe fn load(p: *const f32) -> Self {
                Self($loadu(p))
            }
            /// # Safety
            /// `p` is valid for reading one value.
            #[inline(always)]
            pub unsafe fn load_splat(p: *const f32) -> Self {
                Self($set1(*p))
            }
            /// # Safety
            /// `p` is valid for writing `LANES` values; any alignment.
            #[inline(always)]
            pub unsafe fn store(self, p: *mut f32) {
                $storeu(p, self.0)
            }
            /// `self + a * b`.
            #[inline(always)]
            pub fn fma(self, a: Self, b: Self) -> Self {
                Self(unsafe { $fmadd(a.0, b.0, self.0) })
            }
            #[inline(always)]
            pub fn add(self, o: Self) -> Self {
                Self(unsafe { $add(self.0, o.0) })
            }
            #[inline(always)]
            pub fn sub(self, o: Self) -> Self {
                Self(unsafe { $sub(self.0, o.0) })
            }
            #[inline(always)]
            pub fn max(self, o: Self) -> Self {
                Self(unsafe { $max(self.0, o.0) })
            }
        }
    };
}

#[cfg(all(target_arch = "x86_64", target_feature = "avx512f"))]
mod lanes {
    x86_lanes!(
        16,
        __m512,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_fmadd_ps,
        _mm512_add_ps,
        _mm512_sub_ps,
        _mm512_max_ps
    );

    impl Lanes {
        /// Stores the first `n` lanes, at most all.
        ///
        /// # Safety
        /// `p` is valid for writing `n` values; any alignment.
        #[inline(always)]
        pub unsafe fn store_part(self, p: *mut f32, n: usize) {
            _mm512_mask_storeu_ps(p, ((1u32 << n.min(LANES)) - 1) as u16, self.0)
        }
    }
}

#[cfg(all(target_arch = "x86_64", not(target_feature = "avx512f"), target_feature = "avx2", target_feature = "fma"))]
mod lanes {
    x86_lanes!(
        8,
        __m256,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_fmadd_ps,
        _mm256_add_ps,
        _mm256_sub_ps,
        _mm256_max_ps
    );

    impl Lanes {
        /// Stores the first `n` lanes, at most all.
        ///
        /// # Safety
        /// `p` is valid for writing `n` values; any alignment.
        #[inline(always)]
        pub unsafe fn store_part(self, p: *mut f32, n: usize) {
            let mut all = [0.0; LANES];
            self.store(all.as_mut_ptr());
            core::ptr::copy_nonoverlapping(all.as_ptr(), p, n.min(LANES));
        }
    }
}

#[cfg(not(any(
    target_arch = "wasm32",
    all(target_arch = "x86_64", any(target_feature = "avx512f", all(target_feature = "avx2", target_feature = "fma")))
)))]
mod lanes {
    pub const LANES: usize = 4;

    #[derive(Clone, Copy)]
    pub struct Lanes([f32; LANES]);

    impl Lanes {
        #[inline(always)]
        fn zip(self, o: Self, f: impl Fn(f32, f32) -> f32) -> Self {
            Self(core::array::from_fn(|i| f(self.0[i], o.0[i])))
        }
        #[inline(always)]
        pub fn splat(x: f32) -> Self {
            Self([x; LANES])
        }
        /// # Safety
        /// `p` is valid for reading `LANES` values; any alignment.
        #[inline(always)]
        pub unsafe fn load(p: *const f32) -> Self {
            Self(core::ptr::read_unaligned(p as *const [f32; LANES]))
        }
        /// # Safety
        /// `p` is valid for reading one value.
        #[inline(always)]
        pub unsafe fn load_splat(p: *const f32) -> Self {
            Self([*p; LANES])
        }
        /// # Safety
        /// `p` is valid for writing `LANES` values; any alignment.
        #[inline(always)]
        pub unsafe fn store(self, p: *mut f32) {
            core::ptr::write_unaligned(p as *mut [f32; LANES], self.0)
        }
        /// Stores the first `n` lanes, at most all.
        ///
        /// # Safety
        /// `p` is valid for writing `n` values; any alignment.
        #[inline(always)]
        pub unsafe fn store_part(self, p: *mut f32, n: usize) {
            let mut all = [0.0; LANES];
            self.store(all.as_mut_ptr());
            core::ptr::copy_nonoverlapping(all.as_ptr(), p, n.min(LANES));
        }
        /// `self + a * b`.
        #[inline(always)]
        pub fn fma(self, a: Self, b: Self) -> Self {
            Self(core::array::from_fn(|i| self.0[i] + a.0[i] * b.0[i]))
        }
        #[inline(always)]
        pub fn add(self, o: Self) -> Self {
            self.zip(o, |a, b| a + b)
        }
        #[inline(always)]
        pub fn sub(self, o: Self) -> Self {
            self.zip(o, |a, b| a - b)
        }
        #[inline(always)]
        pub fn max(self, o: Self) -> Self {
            self.zip(o, |a, b| if a < b { b } else { a })
        }
    }
}

pub use lanes::{Lanes, LANES};

/// Whether one load and shuffles are better than a load for each value that all lanes get: where loads are dear and products are fused.
pub const SHUFFLED: bool = cfg!(all(target_arch = "wasm32", target_feature = "relaxed-simd"));

#[cfg(not(target_arch = "wasm32"))]
impl Lanes {
    /// Four values one after another, each in all lanes.
    ///
    /// # Safety
    /// `p` is valid for reading four values; any alignment.
    #[inline(always)]
    pub unsafe fn load_splats(p: *const f32) -> [Self; 4] {
        [0, 1, 2, 3].map(|i| unsafe { Self::load_splat(p.add(i)) })
    }
}

/// Keeps the compiler from moving the loads of an unrolled WASM kernel to its front, where they need more registers than
/// there are. Natively the compiler schedules better by itself.
#[inline(always)]
pub fn keep_order() {
    #[cfg(target_arch = "wasm32")]
    core::sync::atomic::compiler_fence(core::sync::atomic::Ordering::SeqCst);
}
