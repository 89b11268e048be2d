"""Render prepared frames with Blender's Cycles: ``python scene.py JOB_FOLDER`` (needs the ``bpy`` module).

A job folder holds ``job.json`` (see `make.py`), painted textures, and one ``.npz`` of geometry per frame.
All decisions about people, poses and light are made elsewhere; this file only turns arrays into pictures.
Frames whose picture exists are skipped. Pictures of pupils are PNG with a transparent background; lobbies
are plain.
"""

from __future__ import annotations

import json
import math
import random
import sys
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

METRES = 0.1
"""One unit of the base mesh in Blender's metres."""

Json = dict[str, Any]


def to_blender(points: Any) -> Any:
    """Base-mesh axes (y up, z forward, decimetres) to Blender's (z up, facing -y, metres)."""
    p = np.asarray(points, dtype=np.float64)
    return np.stack([p[..., 0], -p[..., 2], p[..., 1]], axis=-1) * METRES


def set_up(settings: Json) -> None:
    """Renderer settings for the whole run, on an empty scene."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.threads_mode = "FIXED"
    scene.render.threads = settings["threads"]
    scene.render.resolution_x, scene.render.resolution_y = settings["size"]
    scene.render.film_transparent = settings["transparent"]
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA" if settings["transparent"] else "RGB"
    scene.render.image_settings.compression = 20
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = settings["samples"]
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = 0.03
    cycles.adaptive_min_samples = 6
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_prefilter = "FAST"
    cycles.use_light_tree = False
    cycles.max_bounces = 3
    cycles.diffuse_bounces = settings["bounces"]
    cycles.glossy_bounces = 1
    cycles.transmission_bounces = 2
    cycles.transparent_max_bounces = 4
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 3.0
    scene.cycles_curves.shape = "RIBBONS"
    scene.cycles_curves.subdivisions = 2
    scene.view_settings.view_transform = "Filmic"
    scene.view_settings.look = settings["look"]
    scene.world = bpy.data.worlds.new("room")
    scene.world.use_nodes = True


# --------------------------------------------------------------------------------- materials


class Nodes:
    """Shorthand for one material's node tree."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.shader = self.tree.nodes["Principled BSDF"]

    def add(self, kind: str, **values: Any) -> Any:
        """A node with properties (lower case) set."""
        node = self.tree.nodes.new(kind)
        for key, value in values.items():
            setattr(node, key, value)
        return node

    def set(self, node: Any, **values: Any) -> None:
        """Set input values; underscores in names stand for spaces."""
        for key, value in values.items():
            node.inputs[key.replace("_", " ")].default_value = value

    def link(self, source: Any, target: Any) -> None:
        """Connect two sockets."""
        self.tree.links.new(source, target)

    def image(self, path: Path, data: bool = False) -> Any:
        """An image texture node."""
        node = self.add("ShaderNodeTexImage", extension="EXTEND")
        node.image = bpy.data.images.load(str(path), check_existing=True)
        node.image.colorspace_settings.name = "Non-Color" if data else "sRGB"
        return node

    def noise(self, scale: float, detail: float = 4.0) -> Any:
        """Object-space noise, so that the pattern rides on the surface."""
        where = self.add("ShaderNodeTexCoord")
        node = self.add("ShaderNodeTexNoise")
        self.set(node, Scale=scale, Detail=detail)
        self.link(where.outputs["Object"], node.inputs["Vector"])
        return node

    def bump(self, height: Any, strength: float, distance: float, under: Any = None) -> Any:
        """A bump on top of another normal."""
        node = self.add("ShaderNodeBump")
        self.set(node, Strength=strength, Distance=distance)
        self.link(height, node.inputs["Height"])
        if under is not None:
            self.link(under.outputs["Normal"], node.inputs["Normal"])
        return node


def skin_material(job: Path, look: Json) -> Any:
    """Skin: painted colour, scattering below the surface, pores, a soft uneven sheen."""
    n = Nodes("skin")
    colour = n.image(job / "skin.png")
    n.link(colour.outputs["Color"], n.shader.inputs["Base Color"])
    n.set(n.shader, Subsurface_Weight=0.55 if look["skin"][0] > 0.3 else 0.3, Subsurface_Scale=0.0045)
    n.shader.inputs["Subsurface Radius"].default_value = (1.0, 0.36, 0.18)
    n.set(n.shader, Specular_IOR_Level=0.42, IOR=1.4)
    patches = n.noise(38.0, 3.0)
    spread = n.add("ShaderNodeMapRange")
    n.set(spread, To_Min=0.40, To_Max=0.60)
    n.link(patches.outputs["Fac"], spread.inputs["Value"])
    n.link(spread.outputs["Result"], n.shader.inputs["Roughness"])
    coarse = n.bump(n.noise(320.0).outputs["Fac"], 0.10, 0.001)
    pores = n.bump(n.noise(1300.0, 2.0).outputs["Fac"], 0.12, 0.0004, coarse)
    n.link(pores.outputs["Normal"], n.shader.inputs["Normal"])
    return n.material


def eye_material(job: Path, look: Json) -> Any:
    """Eyeball: painted front view under a wet, sharp coat."""
    n = Nodes("eye")
    n.link(n.image(job / "eye.png").outputs["Color"], n.shader.inputs["Base Color"])
    n.set(
        n.shader, Roughness=0.25, Specular_IOR_Level=0.3, Coat_Weight=1.0, Coat_Roughness=0.015, Coat_IOR=1.42
    )
    return n.material


def cloth_material(job: Path, look: Json) -> Any:
    """School top: painted front with bumps from the painted height and a fine weave."""
    n = Nodes("cloth")
    n.link(n.image(job / "cloth.png").outputs["Color"], n.shader.inputs["Base Color"])
    n.set(n.shader, Roughness=0.85, Specular_IOR_Level=0.15, Sheen_Weight=0.15, Sheen_Roughness=0.5)
    relief = n.bump(n.image(job / "cloth_height.png", data=True).outputs["Color"], 0.8, 0.006)
    folds = n.bump(n.noise(14.0, 2.0).outputs["Fac"], 0.35, 0.01, relief)
    weave = n.bump(n.noise(900.0, 1.0).outputs["Fac"], 0.25, 0.0006, folds)
    n.link(weave.outputs["Normal"], n.shader.inputs["Normal"])
    return n.material


def plain_material(name: str, colour: Any, roughness: float, specular: float, scatter: float = 0.0) -> Any:
    """A single-colour surface."""
    n = Nodes(name)
    n.set(n.shader, Base_Color=(*colour, 1.0), Roughness=roughness, Specular_IOR_Level=specular)
    n.set(n.shader, Subsurface_Weight=scatter, Subsurface_Scale=0.003)
    return n.material


def collar_material(job: Path, look: Json) -> Any:
    """Shirt cotton."""
    n = Nodes("collar")
    n.set(n.shader, Base_Color=(*look["shirt"], 1.0), Roughness=0.85, Specular_IOR_Level=0.15)
    weave = n.bump(n.noise(900.0, 1.0).outputs["Fac"], 0.2, 0.0006)
    n.link(weave.outputs["Normal"], n.shader.inputs["Normal"])
    return n.material


def hair_material(name: str, colour: Any, roughness: float, spread: float) -> Any:
    """Hair fibres with a shade of their own each."""
    n = Nodes(name)
    fibre = n.add("ShaderNodeBsdfHairPrincipled", parametrization="COLOR")
    n.set(fibre, Roughness=roughness, Radial_Roughness=0.45, Random_Roughness=0.15)
    if "Coat" in fibre.inputs:
        n.set(fibre, Coat=0.0)
    info = n.add("ShaderNodeHairInfo")
    shade = n.add("ShaderNodeMapRange")
    n.set(shade, To_Min=1.0 - spread, To_Max=1.0 + spread)
    n.link(info.outputs["Random"], shade.inputs["Value"])
    tint = n.add("ShaderNodeVectorMath", operation="SCALE")
    tint.inputs[0].default_value = colour
    n.link(shade.outputs["Result"], tint.inputs["Scale"])
    n.link(tint.outputs["Vector"], fibre.inputs["Color"])
    n.link(fibre.outputs["BSDF"], n.tree.nodes["Material Output"].inputs["Surface"])
    return n.material


def materials(job: Path, look: Json) -> dict[str, Any]:
    """Every material of one pupil, by the names that frames use."""
    return {
        "skin": skin_material(job, look),
        "eye": eye_material(job, look),
        "cloth": cloth_material(job, look),
        "collar": collar_material(job, look),
        "trousers": plain_material("trousers", look["trousers"], 0.9, 0.1),
        "hands": plain_material("hands", look["skin"], 0.5, 0.4, 0.3),
        "teeth": plain_material("teeth", (0.72, 0.68, 0.60), 0.2, 0.5, 0.3),
        "tongue": plain_material("tongue", (0.35, 0.10, 0.09), 0.3, 0.5, 0.3),
        "hair": hair_material("hair", look["hair"], 0.30, 0.30),
        "brows": hair_material("brows", look["brows"], 0.45, 0.25),
        "lashes": hair_material("lashes", look["lashes"], 0.5, 0.1),
        "band": plain_material("band", look["band"], 0.6, 0.3),
    }


# ---------------------------------------------------------------------------------- geometry


def add_mesh(name: str, arrays: Any, material: Any, subdivide: int) -> None:
    """A smooth quad mesh; triangles repeat their last corner."""
    points, faces, uv = (arrays[f"{name}/{key}"] for key in ("v", "f", "uv"))
    data = bpy.data.meshes.new(name)
    triangle = faces[:, 2] == faces[:, 3]
    data.from_pydata(
        to_blender(points).tolist(),
        [],
        [f[:3] if t else f for f, t in zip(faces.tolist(), triangle, strict=True)],
    )
    keep = np.ones(faces.shape, bool)
    keep[triangle, 3] = False
    data.uv_layers.new().data.foreach_set("uv", uv[keep].astype(np.float32).ravel())
    data.polygons.foreach_set("use_smooth", np.ones(len(faces), bool))
    data.materials.append(material)
    data.update()
    thing = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(thing)
    if subdivide:
        modifier = thing.modifiers.new("smooth", "SUBSURF")
        modifier.levels = modifier.render_levels = subdivide


def add_strands(name: str, points: Any, radius: Any, material: Any) -> None:
    """A hair object: every polyline of ``points`` (n, k, 3) as one curve."""
    count, length = points.shape[:2]
    data = bpy.data.hair_curves.new(name)
    data.add_curves([length] * count)
    data.attributes["position"].data.foreach_set("vector", to_blender(points).astype(np.float32).ravel())
    if "radius" not in data.attributes:
        data.attributes.new("radius", "FLOAT", "POINT")
    data.attributes["radius"].data.foreach_set("value", np.tile(radius * METRES, count).astype(np.float32))
    data.materials.append(material)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new(name, data))


def clear() -> None:
    """Remove every object and its geometry, keep materials."""
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing, do_unlink=True)
    for kind in (bpy.data.meshes, bpy.data.hair_curves, bpy.data.lights, bpy.data.cameras):
        for block in list(kind):
            kind.remove(block)


def add_light(target: Any, light: Json) -> None:
    """A soft square lamp aimed at the face; its place is given from the face, in decimetres."""
    data = bpy.data.lights.new("lamp", "AREA")
    data.energy, data.size, data.color = light["watts"], light["size"], light["colour"]
    place = to_blender(np.array(target) + np.array(light["from"]))
    lamp = bpy.data.objects.new("lamp", data)
    lamp.location = place
    lamp.rotation_euler = (Vector(to_blender(target)) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(lamp)


def add_camera(camera: Json, focal: float, width: int) -> None:
    """The pinhole of `figure.Camera`."""
    data = bpy.data.cameras.new("gate")
    data.sensor_width, data.lens, data.clip_start = 36.0, focal / width * 36.0, 0.02
    thing = bpy.data.objects.new("gate", data)
    axes = to_blender(np.array(camera["axes"])) / METRES
    matrix = Matrix([*zip(*axes.tolist(), strict=True)]).to_4x4()
    matrix.translation = Vector(to_blender(camera["position"]))
    thing.matrix_world = matrix
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.scene.camera = thing


def render(out: Path) -> None:
    """Render to a file, by way of a temporary name so that a killed run leaves no half picture."""
    partial = out.with_name("partial.png")
    bpy.context.scene.render.filepath = str(partial)
    bpy.ops.render.render(write_still=True)
    partial.rename(out)


def render_frames(folder: Path, job: Json) -> None:
    """All frames of one pupil."""
    set_up(job["settings"])
    kinds = materials(folder, job["look"])
    for frame in job["frames"]:
        out = folder / f"{frame['name']}.png"
        if out.exists():
            continue
        start = time.monotonic()
        clear()
        with np.load(folder / f"{frame['name']}.npz") as arrays:
            for mesh in frame["meshes"]:
                add_mesh(mesh["name"], arrays, kinds[mesh["material"]], mesh["subdivide"])
            for name in frame["strands"]:
                kind = kinds[
                    "hair" if name.startswith("tail") else "band" if name.startswith("band") else name
                ]
                add_strands(name, arrays[f"{name}/p"], arrays[f"{name}/r"], kind)
        background = bpy.context.scene.world.node_tree.nodes["Background"]
        background.inputs["Color"].default_value = (*frame["light"]["ambient"], 1.0)
        background.inputs["Strength"].default_value = 1.0
        for light in frame["light"]["lamps"]:
            add_light(frame["target"], light)
        add_camera(frame["camera"], job["settings"]["focal"], job["settings"]["size"][0])
        bpy.context.scene.render.resolution_percentage = frame["scale"]
        bpy.context.scene.view_settings.exposure = frame["light"]["exposure"]
        render(out)
        print(f"rendered {folder.name}/{frame['name']} in {time.monotonic() - start:.1f} s", flush=True)


# ------------------------------------------------------------------------------------- lobby


def box(low: tuple[float, float, float], high: tuple[float, float, float], material: Any) -> None:
    """An axis-aligned box in metres."""
    size = [b - a for a, b in zip(low, high, strict=True)]
    centre = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    bpy.ops.mesh.primitive_cube_add(size=1, location=centre)
    bpy.context.object.scale = size
    bpy.context.object.data.materials.append(material)


def glow(name: str, colour: tuple[float, float, float], strength: float) -> Any:
    """A shining surface."""
    n = Nodes(name)
    n.set(n.shader, Base_Color=(0, 0, 0, 1), Emission_Color=(*colour, 1.0), Emission_Strength=strength)
    return n.material


def render_lobby(folder: Path, job: Json) -> None:
    """School entrance halls: a corridor with windows, doors, lockers, notice boards and benches, each from
    its seed.
    """
    for seed in job["seeds"]:
        out = folder / f"lobby_{seed}.png"
        if out.exists():
            continue
        set_up(job["settings"])
        _lobby(random.Random(seed))  # noqa: S311 - furniture, not a secret
        render(out)
        print(f"rendered {out.name}", flush=True)


def _lobby(rng: random.Random) -> None:
    tone = rng.choice([(0.70, 0.66, 0.56), (0.56, 0.66, 0.60), (0.62, 0.66, 0.70), (0.74, 0.70, 0.66)])
    panel = rng.choice([(0.16, 0.30, 0.42), (0.42, 0.30, 0.18), (0.20, 0.36, 0.28), (0.50, 0.44, 0.36)])
    wall = plain_material("wall", tone, 0.8, 0.2)
    lower = plain_material("lower wall", panel, 0.5, 0.3)
    floor = plain_material(
        "floor", rng.choice([(0.36, 0.33, 0.28), (0.30, 0.31, 0.33), (0.42, 0.36, 0.30)]), 0.18, 0.5
    )
    white = plain_material("ceiling", (0.8, 0.8, 0.78), 0.9, 0.1)
    wood = plain_material("wood", rng.choice([(0.30, 0.16, 0.07), (0.45, 0.30, 0.16)]), 0.4, 0.4)
    half, depth, high = rng.uniform(2.0, 3.6), rng.uniform(8.0, 14.0), rng.uniform(2.8, 3.4)
    box((-half, 0, -0.1), (half, depth, 0), floor)
    box((-half, 0, high), (half, depth, high + 0.1), white)
    box((-half, depth, 0), (half, depth + 0.1, high), wall)
    for side in (-1, 1):
        near, far = sorted((side * half, side * (half + 0.1)))
        box((near, 0, 0), (far, depth, high), wall)
        near, far = sorted((side * (half - 0.02), side * half))
        box((near, 0, 0), (far, depth, 1.2), lower)
    daylight = glow("window", (0.85, 0.93, 1.0), rng.uniform(5, 9))
    bright = rng.choice([-1, 1])
    y = 1.0
    while y < depth - 1.5:
        near, far = sorted((bright * (half - 0.03), bright * half))
        box((near, y, 1.3), (far, y + 1.1, high - 0.4), daylight)
        kind = rng.random()
        near, far = sorted((-bright * (half - 0.05), -bright * half))
        if kind < 0.4:
            box((near, y, 0), (far, y + 0.95, 2.1), wood)
        elif kind < 0.75:
            for k in range(4):
                shade = rng.choice([(0.10, 0.24, 0.44), (0.45, 0.35, 0.10), (0.30, 0.40, 0.34)])
                near, far = sorted((-bright * (half - 0.35), -bright * half))
                box(
                    (near, y + 0.32 * k, 0),
                    (far, y + 0.32 * k + 0.3, 1.75),
                    plain_material("locker", shade, 0.4, 0.4),
                )
        else:
            box((near, y, 1.35), (far, y + 1.1, 2.1), plain_material("board", (0.30, 0.42, 0.20), 0.9, 0.1))
            for _ in range(6):
                a, b = rng.uniform(0, 0.85), rng.uniform(1.4, 1.85)
                near, far = sorted((-bright * (half - 0.06), -bright * half))
                colour = (rng.uniform(0.3, 0.9), rng.uniform(0.3, 0.9), rng.uniform(0.3, 0.9))
                box((near, y + a, b), (far, y + a + 0.2, b + 0.2), plain_material("paper", colour, 0.9, 0.1))
        y += rng.uniform(1.5, 1.9)
    if rng.random() < 0.6:
        box((-0.9, depth - 0.06, 0), (0.9, depth, 2.2), glow("door", (0.95, 0.97, 1.0), 2.5))
        box((-0.04, depth - 0.1, 0), (0.04, depth, 2.2), wood)
    else:
        box(
            (-0.8, depth - 0.06, 1.2),
            (0.8, depth, 2.1),
            plain_material("board", (0.06, 0.17, 0.12), 0.7, 0.2),
        )
    for k in range(int(depth // 2)):
        box(
            (-0.5, 1 + 2 * k, high - 0.03),
            (0.5, 1.3 + 2 * k, high),
            glow("panel", (1.0, 0.96, 0.88), rng.uniform(8, 12)),
        )
    x = rng.uniform(-0.5, 0.5) * half
    box((x, depth * 0.6, 0), (x + 1.4, depth * 0.6 + 0.4, 0.45), wood)
    bpy.context.scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = (
        0.15,
        0.16,
        0.18,
        1,
    )
    _hall_camera(rng, half)


def _hall_camera(rng: random.Random, half: float) -> None:
    data = bpy.data.cameras.new("hall")
    data.lens = 32
    thing = bpy.data.objects.new("hall", data)
    thing.location = (rng.uniform(-0.3, 0.3) * half, 0.3, 1.35)
    thing.rotation_euler = (math.radians(90), 0, math.radians(rng.uniform(-22, 22)))
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.scene.camera = thing


def main() -> None:
    """Render the job folder named on the command line."""
    folder = Path(sys.argv[-1])
    job = json.loads((folder / "job.json").read_text())
    (render_lobby if job["kind"] == "lobby" else render_frames)(folder, job)


if __name__ == "__main__":
    main()
