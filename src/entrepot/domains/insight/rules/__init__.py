"""Pure rules of the room: what can be asked of the marts, what a KPI is, when a report is due."""
