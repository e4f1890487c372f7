import express from "express";
import { invalidRequest } from "./errors.js";

/**
 * Reads the body whatever its type says: to a string, as it came.
 * @type {import("express").RequestHandler}
 */
export const readBody = (req, res, next) => {
  readBytes(req, res, (error) => {
    req.body = Buffer.isBuffer(req.body) ? req.body.toString() : "";
    next(error);
  });
};

const readBytes = express.raw({ type: () => true, limit: "1mb" });

/**
 * Parses what `readBody` read; an empty body is an empty object.
 * @type {import("express").RequestHandler}
 */
export const parseBody = (req, _res, next) => {
  try {
    req.body = req.body === "" ? {} : JSON.parse(req.body);
  } catch {
    throw invalidRequest("The body is not JSON.");
  }
  next();
};

/** @typedef {Record<string, (value: unknown) => boolean>} Rules */

/**
 * The fields of a body that `rules` knows, each checked; others are left out.
 * @param {unknown} body
 * @param {Rules} rules
 * @returns {any}
 */
export function known(body, rules) {
  const fields = Object.entries(object(body)).filter(([name]) => Object.hasOwn(rules, name));
  for (const [name, value] of fields) {
    if (!rules[name](value)) throw invalidRequest(`${name} is not valid.`);
  }
  return Object.fromEntries(fields);
}

/**
 * Like `known`, and refuses fields that `rules` doesn't know.
 * @param {unknown} body
 * @param {Rules} rules
 * @returns {any}
 */
export function only(body, rules) {
  for (const name of Object.keys(object(body))) {
    if (!Object.hasOwn(rules, name)) throw invalidRequest(`${name} is not known here.`);
  }
  return known(body, rules);
}

/** @param {unknown} value */
export const isText = (value) => typeof value === "string";
/** @param {unknown} value */
export const isNonEmpty = (value) => typeof value === "string" && value !== "";
/** @param {unknown} value */
export const isBoolean = (value) => typeof value === "boolean";
/** @param {unknown} value */
export const isPhoneNumber = (value) => typeof value === "string" && /^\+[1-9]\d{1,14}$/.test(value);
/** @param {unknown} value */
export const isCustom = (value) =>
  isObject(value) && Object.values(value).every((point) => ["string", "number", "boolean"].includes(typeof point));
/** @param {readonly unknown[]} values @returns {(value: unknown) => boolean} */
export const isOneOf = (values) => (value) => values.includes(value);

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} body */
function object(body) {
  if (!isObject(body)) throw invalidRequest("The body is not a JSON object.");
  return body;
}
