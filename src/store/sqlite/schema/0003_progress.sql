-- How far a scan that runs is: its event scan.progress, which goes when the next one or the scan's end comes.
ALTER TABLE scan ADD COLUMN progress INTEGER; -- event.sequence
