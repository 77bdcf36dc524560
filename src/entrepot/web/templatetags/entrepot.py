"""Filters and tags of every page (loaded everywhere, no `{% load %}` needed)."""

from django import template

register = template.Library()
